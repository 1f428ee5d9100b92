"""What tests and benchmarks need of the world outside: servers, Java, a trap for connections; and how it is missed."""

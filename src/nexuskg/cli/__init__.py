"""The command line, a thin module a group of commands: parse, call, print; no logic.

main has the program, what every error becomes, and check, verify, build and fmt; ask, explain, source, claim, push,
serve and store have their commands; plain_words tells what was understood. view_options and store_options are options
that commands share, console and report what else they share. Nothing heavy is imported before a command runs.
"""

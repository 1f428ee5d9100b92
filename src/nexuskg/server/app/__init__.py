"""The ASGI application.

application has the routes, the gate that each request passes, refusals and the log; requests a handler a kind of route;
listener the socket and the time that a client has.
"""

"""Socket.IO: who may listen to what, and pushes after the commit."""

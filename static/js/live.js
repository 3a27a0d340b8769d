// The live channel: passes on what is heard, and tells when it came back after having been away.
export function connect({ auth, heard, onBack, onAway }) {
  const socket = window.io?.({ path: "/socket.io", transports: ["websocket"], auth });
  if (!socket) return;
  let known = false;
  socket.on("connect", () => {
    if (known) onBack();
    known = true;
  });
  socket.on("disconnect", onAway);
  for (const [event, listener] of Object.entries(heard)) socket.on(event, listener);
}

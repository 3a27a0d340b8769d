// The live channel: tells what was captured, and when it came back after having been away.
export function connect({ auth, onCaptured, onBack, onAway }) {
  const socket = window.io?.({ path: "/socket.io", transports: ["websocket"], auth });
  if (!socket) return;
  let known = false;
  socket.on("connect", () => {
    if (known) onBack();
    known = true;
  });
  socket.on("disconnect", onAway);
  socket.on("tracking:captured", onCaptured);
}

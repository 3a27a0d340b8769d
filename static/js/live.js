// The live channel: passes on what is heard, each fact once, and tells when it came back after having been away.
// A fact comes with its place {room, sequence}. What was said while we were away is said again from the sequence that
// we heard last (at first `since`, which the page was made with); where that is too long ago, `onReload` shows the page
// anew.
export function connect({ auth = {}, since, heard, onBack, onAway, onReload = () => location.reload() }) {
  let last = since;
  let hasJoined = false;
  const say = (answer) => answer(last === undefined ? auth : { ...auth, since: last });
  const socket = window.io?.({ path: "/socket.io", transports: ["websocket"], auth: say });
  if (!socket) return;
  socket.on("live:joined", ({ sequence }) => {
    last = sequence;
    if (hasJoined) onBack();
    hasJoined = true;
  });
  socket.on("live:reload", onReload);
  socket.on("disconnect", onAway);
  socket.onAny((event, payload, place) => {
    if (place?.sequence <= last) return;
    if (place) last = place.sequence;
    heard[event]?.(payload, place);
  });
}

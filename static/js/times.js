// Keeps "4 min ago" true, and tells the server the browser's time zone.
import { recall, remember } from "./cookies.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

export function ago(moment, now = new Date()) {
  const seconds = Math.max(0, Math.floor((now - moment) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (moment.toDateString() === now.toDateString()) return clock.format(moment);
  return (moment.getFullYear() === now.getFullYear() ? day : dayAndYear).format(moment);
}

export function tick(within = document) {
  for (const time of within.querySelectorAll("time[data-ago]")) {
    const moment = new Date(time.dateTime);
    const words = ago(moment);
    if (time.textContent !== words) time.textContent = words;
    time.title = `${exact.format(moment)} (${zone})`;
  }
}

// Days and charts are counted in the viewer's zone by the server, which learns it by the first visit: ask once more.
function tellZone() {
  if (recall("wihy_tz") === zone) return;
  remember("wihy_tz", zone);
  const shown = document.querySelector("[data-zone]")?.dataset.zone;
  if (shown && shown !== zone && recall("wihy_tz") === zone) location.replace(location.href);
}

tellZone();
tick();
setInterval(tick, 5000);

// The bell of customers' pages, and the inbox where it is open: both grow as news comes.
import { connect } from "./live.js";
import { tick } from "./times.js";

const MOST_SHOWN = 99;
const inbox = document.querySelector("[data-inbox]");

function ring({ title, body, language, unread }) {
  const count = document.querySelector("[data-bell-count]");
  count.textContent = unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread;
  count.hidden = unread === 0;
  document.querySelector("[data-bell-words]").textContent = `Notifications, ${unread} unread`;
  const news = document.querySelector("[data-bell-news]");
  news.lang = language;
  news.textContent = `${title}. ${body}`;
}

function put({ id, title, body, createdAt, language }) {
  if (document.getElementById(`notification-${id}`)) return;
  const told = document.getElementById("new-notification").content.firstElementChild.cloneNode(true);
  told.id = `notification-${id}`;
  for (const place of told.querySelectorAll("[data-title]")) place.textContent = title;
  told.querySelector("[data-body]").textContent = body;
  for (const place of told.querySelectorAll("[lang]")) place.lang = language;
  told.querySelector("time").dateTime = createdAt;
  told.querySelector("form").action = `/notifications/${id}/read`;
  inbox.querySelector("[data-list]").prepend(told);
  inbox.querySelector("[data-empty]")?.remove();
  inbox.querySelector("[data-read-all]").hidden = false;
  tick(told);
}

function onCreated(news) {
  ring(news);
  if (inbox) put(news);
}

function setAway(isAway) {
  document.querySelector("[data-bell]").dataset.bell = isAway ? "away" : "on";
}

connect({
  since: Number(document.querySelector("[data-bell]").dataset.since),
  heard: { "notification:created": onCreated, "live:joined": () => setAway(false) },
  onBack: () => {},
  onAway: () => setAway(true),
});

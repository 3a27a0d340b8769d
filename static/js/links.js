// The generator: the link follows what is typed. The server builds the same one for those without JavaScript.
import { showLink } from "./tracking_link.js";

const ID = /^[A-Za-z0-9_-]{1,255}$/;

const form = document.getElementById("link-form");
const shown = document.getElementById("tracking-link");

function trackingLink({ referrer, campaign, source, target }) {
  const url = new URL(target);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("not a web address");
  const added = new URLSearchParams({ ref: referrer });
  if (campaign) added.set("utm_campaign", campaign);
  added.set("utm_source", source || "wihy");
  added.set("utm_medium", "referral");
  url.search = [url.search.slice(1), added].filter(String).join("&");
  return url.href;
}

function show(link) {
  showLink(link, shown);
  document.getElementById("try-link").href = link;
}

function typed() {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
}

function problem({ referrer, target }) {
  if (!referrer) return "Say who shares it: then the link is ready to copy.";
  if (!ID.test(referrer)) return "An id has only letters, digits, _ and -.";
  return URL.canParse(target) && /^https?:/i.test(target) ? "" : "Start where it leads with http:// or https://";
}

function follow() {
  const fields = typed();
  const missing = problem(fields);
  document.getElementById("link-actions").hidden = missing !== "";
  document.getElementById("link-missing").hidden = missing === "";
  document.getElementById("link-missing").textContent = missing;
  if (!missing) show(trackingLink(fields));
}

form.addEventListener("input", follow);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  follow();
});

document.addEventListener("click", (event) => {
  const example = event.target.closest("[data-campaign]");
  if (!example) return;
  event.preventDefault();
  form.elements.campaign.value = example.dataset.campaign;
  form.elements.referrer.focus();
  follow();
});

follow();

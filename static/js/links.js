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

// What is saved is what is typed, and so is the code; it is drawn once the typing rests.
let resting;
function drawCode(fields) {
  const query = new URLSearchParams(fields);
  for (const file of document.querySelectorAll("[data-qr]")) {
    file.href = `/tracking-admin/qr.${file.dataset.qr}?${query}`;
  }
  clearTimeout(resting);
  resting = setTimeout(() => {
    const code = document.getElementById("link-qr");
    const address = `/tracking-admin/qr.svg?${query}`;
    if (code.getAttribute("src") !== address) code.src = address;
  }, 300);
}

function fillSaveForm(fields) {
  const saved = document.getElementById("save-form");
  if (!saved) return; // not for readers
  for (const [name, value] of Object.entries(fields)) saved.elements[name].value = value;
}

function typed() {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
}

function problems({ referrer, target }) {
  const isWeb = URL.canParse(target) && /^https?:/i.test(target);
  return {
    referrer: !referrer || ID.test(referrer) ? "" : "Use letters, digits, _ and -, at most 255",
    target: isWeb ? "" : "Start with http:// or https://",
  };
}

// What the server would say below the field, said while typing.
function mark(name, message) {
  const input = form.elements[name];
  const note = document.getElementById(`${input.id}-error`) ?? document.createElement("p");
  note.id = `${input.id}-error`;
  note.className = "form-error";
  if (note.textContent.trim() !== message) note.textContent = message;
  if (!message) note.remove();
  else if (!note.isConnected) input.after(note);
  if (message) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  const hint = document.getElementById(`${input.id}-hint`);
  const about = message ? note.id : hint?.id;
  if (about) input.setAttribute("aria-describedby", about);
  else input.removeAttribute("aria-describedby");
}

function follow() {
  const fields = typed();
  const found = problems(fields);
  for (const [name, message] of Object.entries(found)) mark(name, message);
  const isWrong = Object.values(found).some(Boolean);
  const isReady = !isWrong && fields.referrer !== "";
  const missing = document.getElementById("link-missing");
  for (const part of document.querySelectorAll("[data-when-ready]")) part.hidden = !isReady;
  fillSaveForm(fields);
  if (isReady) drawCode(fields);
  missing.hidden = isReady;
  missing.textContent = `${isWrong ? "Correct what is marked" : "Say who shares it"}: then the link is ready to copy.`;
  if (isWrong) shown.replaceChildren();
  else show(trackingLink({ ...fields, referrer: fields.referrer || "partner_or_source" }));
  const own = document.getElementById("own-address");
  if (own) own.hidden = !fields.target.startsWith(own.dataset.address);
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

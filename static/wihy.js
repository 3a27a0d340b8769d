// Counts visits through tracked links, and clicks that lead onward. See docs/integration.md.
(() => {
  if (window.wihy) return;
  const script = document.currentScript;
  const config = script?.dataset ?? {};
  const api = new URL("../api/tracking/capture", script?.src ?? location.href).href;
  const isOff = navigator.globalPrivacyControl && config.gpc !== "ignore";
  const QUEUE = "wihy_queue:";
  const MINUTE = 6e4, HOUR = 60 * MINUTE, WEEK = 168 * HOUR;

  const spare = {}; // where the browser keeps nothing
  const open = (name) => {
    try {
      return window[name].length >= 0 ? window[name] : spare;
    } catch {
      return spare;
    }
  };
  const session = open("sessionStorage"), local = open("localStorage");
  const keep = (store, key, value) => {
    try {
      store[key] = value;
    } catch {
      spare[key] = value;
    }
  };
  const tab = (name, value) => {
    const key = `wihy_${name}`;
    if (value) keep(session, key, value);
    return session[key] ?? spare[key];
  };
  const drop = (key) => delete local[key] && delete spare[key];

  const newId = () => // crypto.randomUUID needs HTTPS
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));
  const isFresh = (id) => // a UUIDv7 begins with its time
    id?.[14] === "7" && Math.abs(Date.now() - parseInt(id.slice(0, 8) + id.slice(9, 13), 16)) < HOUR;
  const page = () => (location.origin + location.pathname).slice(0, 2048);

  const busy = new Set();
  let hold = 0;

  function retry(seconds) {
    const wait = Math.max(seconds * 1000 || 0, MINUTE / 2);
    hold = Date.now() + wait;
    setTimeout(send, wait + 99);
  }

  const queue = () =>
    Object.keys({ ...local, ...spare }).filter((key) => key.startsWith(QUEUE) && !busy.has(key));

  function waiting() {
    const events = {};
    for (const key of queue().slice(0, 50)) {
      try {
        const [at, event] = JSON.parse(local[key] ?? spare[key]);
        const age = Date.now() - at;
        if (age > WEEK) throw age;
        events[key] = age > MINUTE ? { ...event, timestamp: new Date(at).toISOString() } : event;
      } catch {
        drop(key);
      }
    }
    return events;
  }

  // What is sent stays in the queue until it is answered; sent twice, it is stored once (eventId).
  async function send(isLeaving) {
    if (isOff || !navigator.onLine || (!isLeaving && Date.now() < hold)) return;
    const events = waiting(), keys = Object.keys(events);
    if (!keys.length) return;
    const list = Object.values(events);
    const url = list[1] ? `${api}/batch` : api;
    const body = JSON.stringify(list[1] ? { events: list } : list[0]);
    if (isLeaving && !("keepalive" in Request.prototype)) return navigator.sendBeacon(url, body);
    keys.forEach((key) => busy.add(key));
    try {
      const keepalive = body.length < 6e4;
      const answer = await fetch(url, { method: "POST", body, keepalive, credentials: "omit" });
      if (answer.status === 429 || answer.status > 499) retry(answer.headers.get("Retry-After"));
      else {
        keys.forEach(drop);
        setTimeout(send);
      }
    } catch {
      retry();
    }
    keys.forEach((key) => busy.delete(key));
  }

  function capture(event, isLeaving) {
    if (isOff) return;
    event.eventId ??= newId();
    event.sessionId = tab("session") ?? tab("session", newId());
    if (queue().length < 500) keep(local, QUEUE + event.eventId, JSON.stringify([Date.now(), event]));
    send(isLeaving);
    return event.eventId;
  }

  function captureTracking(search = location.search) {
    const asked = new URLSearchParams(search);
    const given = asked.get("wihy_id"), ref = asked.get("ref");
    if (given) {
      const rest = location.search.replace(/([?&])wihy_id=[^&]*&?/g, "$1").replace(/[?&]$/, "");
      history.replaceState(history.state, "", location.pathname + rest + location.hash);
    }
    if (isOff || !/^[\w-]{1,255}$/.test(ref ?? "")) return;
    const campaign = (asked.get("campaign") || asked.get("utm_campaign") || "").slice(0, 255);
    const utm = asked.get("utm_source");
    if (!tab("original_source")) {
      tab("original_source", utm && utm !== "wihy" ? utm.slice(0, 255) : ref);
      tab("original_campaign", campaign);
      tab("referrer", ref);
    }
    const seen = `seen:${ref}:${campaign}`, eventId = isFresh(given) ? given : undefined;
    if (!eventId && tab(seen)) return;
    tab(seen, 1);
    const originalSource = tab("original_source");
    return capture({ eventId, referrer: ref, campaign: campaign || undefined, originalSource, landingPage: page() });
  }

  function trackOutboundClick(userId, destinationUrl, campaign) {
    return capture({
      eventType: "outbound",
      referrer: userId,
      originalSource: tab("original_source") || userId,
      campaign: campaign || tab("original_campaign") || undefined,
      destinationUrl: new URL(destinationUrl, location.href).href,
      landingPage: page(),
    }, true);
  }

  function generateTrackingLink(userId, campaign, destination) {
    const url = new URL(destination || config.destination || "/", location.href);
    const added = { ref: userId, utm_campaign: campaign, utm_source: "wihy", utm_medium: "referral" };
    for (const name in added) if (added[name]) url.searchParams.set(name, added[name]);
    return url.href;
  }

  function follow({ target, type, button }) {
    const link = target.closest?.("a[href]"), marked = link?.closest("[data-wihy-outbound]");
    if (!marked || !/^https?:$/.test(link.protocol) || (type === "auxclick" && button !== 1)) return;
    const { wihyOutbound, wihyCampaign } = marked.dataset;
    trackOutboundClick(wihyOutbound || tab("referrer") || "direct", link, wihyCampaign);
  }

  function start() {
    if (config.auto !== "off") captureTracking();
    send();
  }

  window.wihy = { generateTrackingLink, captureTracking, trackOutboundClick };
  for (const type of ["click", "auxclick"]) addEventListener(type, follow, true);
  addEventListener("online", () => send((hold = 0)));
  if (document.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
  else start();
})();

"use strict";
// What the demo's pages do: filter the list, call the hook as an EHR would, switch arms, show a record of the chart.

document.documentElement.classList.add("js");
const find = (id) => document.getElementById(id);

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// ---- the list of patients ----

function startFilters(form) {
  const rows = [...document.querySelectorAll(".patient-row")];
  const apply = () => {
    const words = find("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const arm = find("arm").value;
    const status = find("status").value;
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) || (status !== "" && row.getAttribute(`data-status-${arm}`) !== status);
      if (!row.hidden) shown += 1;
    }
    find("count").textContent = shown === rows.length ? `${shown} patients` : `${shown} of ${rows.length} patients`;
    find("nobody").hidden = shown > 0;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  find("clear").addEventListener("click", () => form.reset());
  apply();
}

// ---- the card, as an EHR renders it ----

async function askService(place) {
  const requestText = await (await fetch(`${place.dataset.patient}/request.json`)).text();
  const started = performance.now();
  const answer = await fetch(place.dataset.service, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: requestText,
  });
  const responseText = await answer.text();
  const took = performance.now() - started;
  showWire(place.dataset.service, requestText, answer.status, responseText, took);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return JSON.parse(responseText).cards;
}

function showWire(path, requestText, status, responseText, took) {
  const size = (text) => {
    const bytes = new Blob([text]).size;
    return bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`;
  };
  const pretty = (text) => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };
  find("request-size").textContent = `POST ${path} · ${size(requestText)}`;
  find("request-text").textContent = pretty(requestText);
  find("response-size").textContent = `${status} · ${size(responseText)} · ${took.toFixed(0)} ms`;
  find("response-text").textContent = pretty(responseText);
}

async function cardElement(card, markdownPath) {
  const element = make("article", `card card-${card.indicator}`);
  const head = make("header");
  head.append(make("span", "indicator", card.indicator), make("h3", "", card.summary));
  element.append(head);
  if (card.detail) {
    const rendered = await fetch(markdownPath, { method: "POST", headers: { "Content-Type": "text/plain" }, body: card.detail });
    const detail = make("div", "detail");
    detail.innerHTML = await rendered.text(); // the server's renderer lets no HTML of the card through
    element.append(detail);
  }
  element.append(cardFoot(card));
  return element;
}

function cardFoot(card) {
  const foot = make("footer");
  foot.append(make("span", "source", `Source: ${card.source.label}`));
  for (const link of card.links || []) {
    const anchor = make("a", "link", link.label);
    if (/^https?:/.test(link.url)) anchor.href = link.url;
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
    foot.append(anchor);
  }
  return foot;
}

function noCard(reason) {
  const element = make("div", "no-card");
  element.append(make("p", "no-card-title", "No card — the service stays silent"));
  element.append(make("p", "fine", `Only the viewer of this demo is told why: ${reason}`));
  return element;
}

async function startCard(place) {
  const cards = find("cards");
  try {
    const answered = await askService(place);
    const shown = await Promise.all(answered.map((card) => cardElement(card, place.dataset.markdown)));
    cards.replaceChildren(...(shown.length ? shown : [noCard(place.dataset.silence)]));
  } catch (error) {
    cards.replaceChildren(make("p", "failed", `The service could not be asked (${error.message}).`));
  }
}

function startWire(button) {
  const show = (shown) => {
    find("wire").hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    button.textContent = shown ? "Hide the wire" : "Show the wire";
  };
  button.addEventListener("click", () => show(find("wire").hidden));
  show(location.hash === "#wire");
}

// ---- the arms ----

function selectArm(tabs, chosen) {
  for (const tab of tabs) {
    const selected = tab === chosen;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    find(tab.getAttribute("aria-controls")).hidden = !selected;
  }
}

function startTabs(list) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  selectArm(tabs, tabs.find((tab) => tab.getAttribute("aria-selected") === "true"));
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) selectArm(tabs, tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    selectArm(tabs, tab);
    tab.focus();
  });
  const follow = () => {
    const target = find(decodeURIComponent(location.hash.slice(1)));
    const panel = target && target.closest("[role=tabpanel]");
    if (!panel) return;
    selectArm(tabs, find(panel.getAttribute("aria-labelledby")));
    target.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  };
  window.addEventListener("hashchange", follow);
  follow();
}

// ---- the record behind a statement ----

function startPanel(panel) {
  const patient = find("decision-support").dataset.patient;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-reference]");
    if (!button) return;
    const reference = button.dataset.reference;
    find("panel-title").textContent = reference;
    find("panel-text").textContent = "Loading…";
    panel.showModal();
    const answer = await fetch(`${patient}/resource?ref=${encodeURIComponent(reference)}`);
    find("panel-text").textContent = answer.ok ? JSON.stringify(await answer.json(), null, 2) : "The chart holds no such record.";
  });
  find("panel-close").addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => {
    if (event.target === panel) panel.close(); // outside of it, on the backdrop
  });
}

const starts = { filters: startFilters, "decision-support": startCard, "wire-toggle": startWire, panel: startPanel };
for (const [id, start] of Object.entries(starts)) {
  const element = find(id);
  if (element) start(element);
}
document.querySelectorAll("[role=tablist]").forEach(startTabs);

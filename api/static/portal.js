// The little that HTML can't do by itself. Every page works without it.
"use strict";

const FOCUSABLE = "a[href], button, summary, input, select, textarea";

// What changed is swapped in while somebody works: open menus stay open, focus stays put.

let focused = null;

document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
  for (const open of target.querySelectorAll("details[open][id]")) {
    fragment.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
  }
  for (const typed of target.querySelectorAll(":is(input, textarea, select)[id]")) {
    const fresh = fragment.querySelector(`#${CSS.escape(typed.id)}`);
    if (fresh && isTyped(typed)) fresh.value = typed.value;
  }
  for (const ticked of target.querySelectorAll("[type=checkbox][id^=tick-]:checked")) {
    fragment.querySelector(`#${CSS.escape(ticked.id)}`)?.setAttribute("checked", "");
  }
  const here = document.activeElement;
  const holder = target.contains(here) ? here.closest("[id]:is(tr, section)") : null;
  focused = holder && {
    id: holder.id,
    place: [...holder.querySelectorAll(FOCUSABLE)].indexOf(here),
  };
});

document.addEventListener("htmx:oobAfterSwap", () => {
  if (focused === null) return;
  const places = document.getElementById(focused.id)?.querySelectorAll(FOCUSABLE) ?? [];
  places[focused.place]?.focus({ preventScroll: true });
  focused = null;
});

// An answer whose form was swapped out meanwhile has lost its place: it still says what came.

document.addEventListener("htmx:oobErrorNoTarget", ({ detail: { content } }) => {
  document.getElementById(content.id)?.replaceChildren(...content.childNodes);
});

function isTyped(field) {
  if (field.tagName === "SELECT") {
    return [...field.options].some((each) => each.selected !== each.defaultSelected);
  }
  return field.value !== field.defaultValue;
}

// A menu closes when one goes on, and with Escape.

function closeMenus(but) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== but) menu.open = false;
  }
}

document.addEventListener("click", ({ target }) => {
  closeMenus(target.closest("details.menu"));
  const copying = target.closest("[data-copy]");
  if (copying) copy(copying);
  if (target.closest("[data-print]")) print();
  if (target.closest(".items button")) closeMenus();
  target.closest(".dismiss")?.closest(".notice").remove();
});

document.addEventListener("keydown", ({ key }) => {
  const menu = key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  closeMenus();
  menu.querySelector("summary").focus();
});

// Copying says that it did.

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.classList.add("done");
  say("Copied.");
  setTimeout(() => button.classList.remove("done"), 2000);
}

function say(text) {
  const notice = document.createElement("p");
  notice.className = "notice done";
  notice.textContent = text;
  document.getElementById("said").replaceChildren(notice);
  setTimeout(() => notice.remove(), 4000);
}

// Times in the reader's own zone, and how much may still be typed.

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function count(counter) {
  const field = document.getElementById(counter.dataset.count);
  if (field) counter.textContent = `${[...field.value].length} of ${field.maxLength}`;
}

document.addEventListener("input", ({ target }) => {
  const counter = document.querySelector(`[data-count="${CSS.escape(target.id)}"]`);
  if (target.id && counter) count(counter);
});

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  for (const time of elt.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    time.title = time.dateTime;
    time.textContent = ("day" in time.dataset ? DAY : MOMENT).format(at);
  }
  elt.querySelectorAll("[data-count]").forEach(count);
  for (const link of elt.querySelectorAll("[data-back]")) {
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  }
});

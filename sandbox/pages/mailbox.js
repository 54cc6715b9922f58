// What comes in shows by itself; whoever reads on keeps place and focus.
"use strict";

const EVERY = 2000;

async function look() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const came = fresh.querySelectorAll("#letters li");
  const list = document.querySelector("#letters ol");
  if (!list) {
    if (came.length) document.getElementById("letters").replaceWith(fresh.getElementById("letters"));
    return;
  }
  const unseen = [...came].filter((letter) => !document.getElementById(letter.id));
  list.prepend(...unseen);
}

setInterval(look, EVERY);

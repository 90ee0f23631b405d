/** What a page of layouts does beyond what links and titles do: marks a field in picture and table at once, and moves by arrow keys. */

/** Runs in browsers; the page works without it. Fields that belong together have the same `data-f`, in whatever picture or table. */
export const PAGE_SCRIPT: string = `"use strict";
const mark = (event, on) => {
  const field = event.target.closest && event.target.closest("[data-f]");
  if (!field) return;
  for (const one of document.querySelectorAll('[data-f="' + field.dataset.f + '"]')) one.classList.toggle("on", on);
};
for (const [type, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]])
  document.addEventListener(type, (event) => mark(event, on));
const fields = (picture) => [...picture.querySelectorAll("a")];
const stopAt = (picture, field) => {
  for (const one of fields(picture)) one.setAttribute("tabindex", one === field ? "0" : "-1");
};
for (const picture of document.querySelectorAll(".picture")) stopAt(picture, picture.querySelector("a"));
const pictureOf = ({ target }) => target.closest && target.closest(".picture");
document.addEventListener("focusin", (event) => {
  const picture = pictureOf(event);
  if (picture) stopAt(picture, event.target);
});
document.addEventListener("keydown", (event) => {
  const picture = pictureOf(event);
  if (!picture) return;
  const all = fields(picture);
  const at = all.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || !all[to]) return;
  event.preventDefault();
  all[to].focus();
});
`;

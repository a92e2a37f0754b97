"use strict";
// The left and right arrow lead from one marked place to the next. The page works without this:
// Tab reaches what is listed, the lists lead to their places, and the style sheet filters.
(() => {
  const places = [...document.querySelectorAll(".ct-c a, .ct-c[tabindex]")];
  const links = document.querySelectorAll(".ct-c a:not([tabindex])");
  const order = new Map(places.map((place, at) => [place, at]));
  const off = (place) =>
    getComputedStyle(place).getPropertyValue("--ct-off") || !place.checkVisibility();
  let stop;

  const enter = (place) => {
    if (stop && stop.tabIndex === 0) stop.tabIndex = -1;
    stop = place && place.getAttribute("tabindex") === "-1" ? place : undefined;
    if (stop) stop.tabIndex = 0;
  };

  document.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const from = order.get(event.target);
    if (!step || from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    for (let at = from + step; at >= 0 && at < places.length; at += step) {
      if (!off(places[at])) {
        places[at].focus();
        return;
      }
    }
  });
  document.addEventListener("focusin", (event) => {
    if (order.has(event.target)) enter(event.target);
  });
  document.addEventListener("change", () => {
    for (const link of links) link.tabIndex = off(link) ? -1 : 0;
    if (!stop || off(stop)) enter(places.find((place) => !off(place)));
  });
  enter(places[0]);
})();

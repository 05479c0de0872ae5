"use strict";
(function () {
  const cards = Array.from(document.querySelectorAll(".card"));
  const selects = Array.from(document.querySelectorAll(".tools select"));
  const words = document.getElementById("words");
  const count = document.getElementById("count");
  const unfold = document.getElementById("unfold");
  const texts = new Map();
  function text(card) {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  }
  function apply() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits = selects.every((s) => !s.value || card.getAttribute("data-" + s.name) === s.value)
        && wanted.every((word) => text(card).includes(word));
      card.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = shown + " of " + cards.length;
  }
  let waiting = 0;
  words.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  for (const select of selects) select.addEventListener("change", apply);
  unfold.addEventListener("click", function () {
    const open = unfold.textContent === "Unfold all";
    for (const card of cards) if (!card.hidden) card.open = open;
    unfold.textContent = open ? "Fold all" : "Unfold all";
  });
  apply();
})();

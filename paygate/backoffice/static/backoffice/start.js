// The list of templates follows what is typed; without scripts the search button does.
"use strict";

(() => {
  const list = document.querySelector("[data-templates]");
  const search = document.querySelector("#find-template");
  if (!list || !search || "more" in list.dataset) return; // not all are here: the server searches
  const status = document.querySelector("[data-none]");
  const rows = [...list.children];
  const shown = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      found += row.hidden ? 0 : 1;
    }
    status.textContent = found ? "" : status.dataset.none;
  };
  search.addEventListener("input", shown);
})();

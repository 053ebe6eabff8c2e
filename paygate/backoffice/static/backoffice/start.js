/* The list of templates follows what is typed. Without scripts, and where not all of them are here, the button searches. */
"use strict";
(() => {
  const list = document.querySelector("[data-templates][data-whole]");
  const search = document.getElementById("find-template");
  if (!list || !search) return;
  const told = document.querySelector("[data-none]");
  const rows = [...list.children];
  const fitting = () => rows.filter((row) => !row.hidden);
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/);
    rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
    told.textContent = fitting().length ? "" : told.dataset.none;
  });
  /* Where one is left, Enter takes it. */
  search.form.addEventListener("submit", (event) => {
    if (fitting().length !== 1) return;
    event.preventDefault();
    fitting()[0].querySelector("a").click();
  });
})();

/* The previews follow the form, and the colour can be picked. Every page works without it. */
"use strict";
(() => {
  const place = document.querySelector("[data-design-preview]");
  if (!place) return;
  const accent = document.getElementById("id_accent");
  const font = document.getElementById("id_font");
  const picker = document.querySelector("[data-picks]");
  const [page, letter] = place.querySelectorAll("iframe");
  const COLOUR = /^#[0-9a-f]{6}$/i;
  let pause = 0;
  const show = () => {
    const query = new URLSearchParams({ accent: accent.value.trim(), font: font.value });
    if (place.dataset.design) query.set("design", place.dataset.design);
    /* replace, so that "back" leaves the form */
    page.contentWindow.location.replace(`${place.dataset.designPreview}?${query}`);
    letter.src = `${letter.dataset.letter}?${query}`;
  };
  const soon = () => {
    if (!COLOUR.test(accent.value.trim())) return;
    picker.value = accent.value.trim().toLowerCase();
    clearTimeout(pause);
    pause = setTimeout(show, 400);
  };
  picker.hidden = false;
  picker.addEventListener("input", () => {
    accent.value = picker.value;
    accent.dispatchEvent(new Event("input", { bubbles: true }));
  });
  accent.addEventListener("input", soon);
  font.addEventListener("change", soon);
})();

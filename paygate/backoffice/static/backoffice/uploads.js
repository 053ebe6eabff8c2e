/* While a job works through a file its progress is looked at again, quietly; when it is done, the page shows what came of it. */
"use strict";
(() => {
  const box = document.querySelector("[data-upload-progress]");
  if (!box) return;
  const look = async () => {
    try {
      const answer = await fetch(location.pathname);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-upload-progress]");
      if (answer.redirected || !fresh || fresh.querySelector("h2").textContent !== box.querySelector("h2").textContent) return location.reload();
      const bar = box.querySelector("progress"), next = fresh.querySelector("progress");
      bar.max = next.max;
      bar.value = next.value;
      box.querySelector(".figures").replaceChildren(...fresh.querySelector(".figures").childNodes);
    } catch { /* the next look tries again */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();

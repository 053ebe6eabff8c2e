/* Help for single sections. Every page works without it. */
"use strict";
(() => {
  /* The button carries the sum that is typed beside it; what is no amount leaves it as it was. */
  const AMOUNT = /^(\d+|\d{1,3}([' .,\u2019\u00a0\u202f]\d{3})+)([.,]\d{1,3})?$/;
  const padded = (typed, digits) => {
    const [, decimals = ""] = typed.match(/[.,](\d{1,2})$/) || [];
    return decimals ? typed + "0".repeat(Math.max(0, digits - decimals.length)) : typed;
  };
  document.querySelectorAll("button[data-sum]").forEach((button) => {
    const field = document.getElementById(button.dataset.sum);
    const whole = button.textContent;
    const first = field.value;
    field.addEventListener("input", () => {
      const typed = field.value.trim();
      button.textContent = field.value === first || !AMOUNT.test(typed) ? whole : button.dataset.words.replace("\u2063", padded(typed, Number(button.dataset.digits)));
    });
  });

  /* The letter beside the form, where there is room: written anew when the typing pauses. Its links lead nowhere. */
  const frame = document.querySelector("iframe[data-preview]");
  if (frame) {
    const roomy = matchMedia("(min-width: 1180px)");
    const form = frame.closest(".with-preview").querySelector("form");
    let asked = null;
    let pause = 0;
    const write = async () => {
      asked?.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(frame.dataset.preview, { method: "POST", body: new FormData(form), signal: asked.signal });
        if (!answer.ok || answer.redirected) return;
        const shown = frame.contentDocument.documentElement;
        const top = shown.scrollTop;
        const letter = await answer.text();
        shown.innerHTML = letter;  /* read under the policy of the frame, which lets nothing act */
        shown.lang = letter.match(/<html[^>]* lang="([a-z]+)"/)?.[1] || "en";
        shown.scrollTop = top;
      } catch { /* the next key tries again */ }
    };
    const soon = () => {
      clearTimeout(pause);
      if (frame.src) pause = setTimeout(write, 300);
    };
    const open = () => {
      if (!roomy.matches || frame.src) return;
      frame.addEventListener("load", () => {
        frame.contentDocument.addEventListener("click", (event) => event.preventDefault());
        write();
      });
      frame.src = frame.dataset.preview;
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    roomy.addEventListener("change", open);
    open();
  }

  /* What is still on its way is looked at again, quietly, until it has arrived or a minute is over. */
  const moving = document.querySelector("[data-moving]");
  if (moving) {
    let looks = 0;
    const look = async () => {
      if (!moving.querySelector("[data-state=QUEUED]") || ++looks > 20) return;
      try {
        const answer = await fetch(location.pathname);
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-moving]");
        if (answer.redirected || !fresh) return;
        if (!moving.contains(document.activeElement)) moving.replaceChildren(...fresh.childNodes);
      } catch { /* the next look tries again */ }
      setTimeout(look, 3000);
    };
    setTimeout(look, 1500);
  }

  /* "Open in e-mail program" after saving. */
  const mail = document.querySelector("[data-open-mail]");
  if (mail) {
    history.replaceState(null, "", location.pathname);
    addEventListener("load", () => setTimeout(() => mail.click()));
  }
})();

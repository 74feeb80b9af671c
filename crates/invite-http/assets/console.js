"use strict";
// The console works without this script. With it a text is copied by one press, a confirmation closes by Escape, and a form
// cannot be sent twice by pressing twice.
(() => {
  for (const place of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    const said = document.createElement("span");
    button.type = "button";
    button.className = "quiet";
    button.textContent = place.dataset.copy;
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(place.textContent.trim());
        said.textContent = place.dataset.copied;
      } catch {
        // No clipboard: the text is selected, and the person copies it.
        getSelection().selectAllChildren(place);
      }
    });
    place.after(button, said);
  }

  addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.activeElement?.closest("details.confirm[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // One press, one request. Whoever stopped it, waits for it too long or comes back, can press again.
  const sent = new Map();
  const release = (form) => {
    clearTimeout(sent.get(form));
    sent.delete(form);
    for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.set(form, setTimeout(() => release(form), 8000));
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => [...sent.keys()].forEach(release));
})();

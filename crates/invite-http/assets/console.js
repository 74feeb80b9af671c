"use strict";
// The console works without this script. With it a text is copied by one press, and a confirmation closes by Escape. That no form
// is sent twice is in pages.js, which every page has.
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
})();

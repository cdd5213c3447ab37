// Tells textual.js, which looks for it when the page has loaded, where the websocket of this window is. By the page's own
// address, since by way of a tunnel or a proxy the server has another one than it knows.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const token = new URLSearchParams(location.search).get("token") || "";
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const terminal = document.querySelector("#terminal");
  terminal.dataset.sessionWebsocketUrl = `${scheme}//${location.host}/ws/${encodeURIComponent(token)}`;
  document.querySelector("#again").href = `/?token=${encodeURIComponent(token)}`;
});

// A key that is pressed right after the screen has come is for the program, without a click before it.
document.addEventListener("DOMContentLoaded", () => {
  const observer = new MutationObserver(() => {
    if (document.body.classList.contains("-first-byte")) {
      observer.disconnect();
      document.querySelector("#terminal textarea")?.focus();
    }
  });
  observer.observe(document.body, { attributes: true });
});

// What a browser adds to the pages, which are whole without it: they stay up to date.
(() => {
  const everyMs = 5000;
  const main = document.getElementById("main");
  const status = document.getElementById("live");
  if (!main || !main.hasAttribute("data-live") || !status) return;

  const pause = document.createElement("button");
  pause.type = "button";
  let isPaused = sessionStorage.getItem("paused") === "yes";
  const text = document.createElement("span");
  status.replaceChildren(text);
  status.after(pause);
  let timer = 0;

  const show = (message) => {
    if (text.textContent !== message) text.textContent = message;
    pause.textContent = isPaused ? "Update live" : "Stop updating";
  };
  // What a visitor has opened stays open.
  const callbacks = { beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details") };
  let asOf = new Date();
  const time = () => asOf.toLocaleTimeString();
  const isInUse = () =>
    main.querySelector("input:checked") !== null || main.contains(document.activeElement?.closest("input, select") ?? null);
  const isBusy = () => document.hidden || isInUse();
  const showState = () => {
    if (isPaused) show(`Updates are stopped. This page is as of ${time()}.`);
    else if (isInUse()) show(`Updates wait while a field is in use. This page is as of ${time()}.`);
    else show("This page is updated every five seconds.");
  };

  const update = async () => {
    if (isBusy()) showState();
    else {
      try {
        const response = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "manual" });
        if (response.type === "opaqueredirect") return location.reload();
        if (!response.ok) throw new Error(String(response.status));
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("main");
        if (fresh && !isPaused && !isBusy()) {
          Idiomorph.morph(main, fresh.innerHTML, { morphStyle: "innerHTML", callbacks });
          asOf = new Date();
        }
        showState();
      } catch {
        show(`The server does not answer. This page is as of ${time()}; trying again.`);
      }
    }
    schedule();
  };
  const schedule = () => {
    clearTimeout(timer);
    if (!isPaused) timer = setTimeout(update, everyMs);
  };

  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    sessionStorage.setItem("paused", isPaused ? "yes" : "no");
    showState();
    schedule();
  });
  showState();
  schedule();
})();

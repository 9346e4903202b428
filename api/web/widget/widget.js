// Entry of the widget. A classic script, so that one tag is enough and `document.currentScript` tells where it came
// from; everything else is loaded from that place, so the firm hosts all of it itself.
(() => {
  "use strict";

  const script = document.currentScript ?? document.querySelector("script[src*='widget.js'][data-channel]");
  const source = new URL(script?.src || "/widget.js", document.baseURI);
  const modules = new URL(source.pathname.endsWith("/widget/widget.js") ? "./" : "widget/", source);
  const tag = "zhike-chat";

  // A page that places <zhike-chat> itself keeps it; otherwise the tag's data attributes go on to a new one.
  const place = () => {
    const placed = document.querySelector(tag);
    if (placed) return placed;
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(script?.dataset ?? {})) element.dataset[name] = value;
    document.body.append(element);
    return element;
  };

  // Any element of the page may hand a question to the assistant: <button data-zhike-ask="怎么开户？">.
  document.addEventListener("click", (event) => {
    const asking = event.target instanceof Element && event.target.closest("[data-zhike-ask]");
    if (!asking) return;
    event.preventDefault();
    loaded.then(() => document.querySelector(tag)?.ask(asking.dataset.zhikeAsk));
  });

  // The page says who its client is: zhike.identify(token), or a function that fetches a token whenever one is needed.
  const ask = (name) => (...given) => loaded.then(() => document.querySelector(tag)?.[name](...given));
  window.zhike = { ...window.zhike, identify: ask("identify"), forget: ask("forget"), open: ask("open"), ask: ask("ask") };

  const loaded = import(new URL("element.js", modules)).then(({ define }) => {
    define(tag);
    if (document.body) place();
    else document.addEventListener("DOMContentLoaded", place, { once: true });
  });
})();

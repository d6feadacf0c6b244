// WenBao in a portal's page: a button that opens a panel, or a panel of the page's own. It loads nothing but our page in
// an iframe, and writes no HTML, so it works under a strict policy (require-trusted-types-for included). A portal's
// token goes from its getToken(), or from an address on its own origin, to our frame, and is kept nowhere.
//
//   <script src="https://bot.example/widget.js" data-token-url="/token" data-language="zh"></script>
//
// or, without data- attributes, WenBao.init({ getToken: async () => …, mode: "inline", target: "#news" }).
(() => {
  const script = document.currentScript;
  if (!script?.src) return console.error("WenBao: load widget.js with a plain <script src>, not as a module.");
  const home = new URL("./", script.src);
  const WORDS = {
    zh: { title: "问报 WenBao", open: "打开", close: "关闭" },
    en: { title: "WenBao", open: "Open", close: "Close" },
  };
  const MODES = ["floating", "inline"];
  const LEAST = 320; // pixels of height of an inline panel
  const MOST = 1600;
  const EVENTS = ["open", "close", "ready", "height", "answer", "citation"];
  const CSS = `
    :host { all: initial; --ground: #faf8f2; --ink: #1f1d1a; --rule: #ddd7c9; color-scheme: light dark; }
    :host([hidden]) { display: none; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button { font: inherit; cursor: pointer; touch-action: manipulation; }
    button:focus-visible { outline: 3px solid var(--colour); outline-offset: 2px; }
    svg { display: block; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    iframe { display: block; width: 100%; border: 0; background: var(--ground); }
    .open { position: fixed; z-index: 2147483000; right: max(20px, env(safe-area-inset-right)); bottom: max(20px, env(safe-area-inset-bottom));
      width: 56px; height: 56px; padding: 15px; border: 0; border-radius: 50%; background: var(--colour); color: var(--on); box-shadow: 0 2px 6px rgb(0 0 0 / .2), 0 8px 24px rgb(0 0 0 / .16); }
    .open svg { width: 26px; height: 26px; }
    .panel { position: fixed; z-index: 2147483001; right: max(20px, env(safe-area-inset-right)); bottom: calc(max(20px, env(safe-area-inset-bottom)) + 68px);
      display: flex; flex-direction: column; width: min(420px, calc(100vw - 40px)); height: min(var(--height), calc(100vh - 108px)); overflow: hidden;
      border: 1px solid var(--rule); border-radius: 12px; background: var(--ground); color: var(--ink); box-shadow: 0 8px 40px rgb(0 0 0 / .22);
      font: 15px/1.5 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei", system-ui, sans-serif; }
    .panel:focus { outline: 0; }
    .panel header { flex: none; display: flex; align-items: center; height: 46px; padding: 0 6px 0 16px; border-bottom: 1px solid var(--rule); }
    .panel h2 { flex: 1; margin: 0; font-size: 16px; font-weight: 700; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .panel header button { width: 36px; height: 36px; padding: 8px; border: 0; border-radius: 6px; background: none; color: inherit; }
    .panel header button:hover { background: rgb(128 128 128 / .18); }
    .panel header svg { width: 20px; height: 20px; }
    .panel iframe { flex: 1; min-height: 0; }
    .inline { border: 1px solid var(--rule); border-radius: 8px; overflow: hidden; }
    .inline iframe { height: var(--height); }
    @media (max-width: 600px), (max-height: 480px) {
      .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
    }
    @media (prefers-color-scheme: dark) { :host { --ground: #171513; --ink: #e9e4d9; --rule: #3a352e; } }
    @media (prefers-reduced-motion: no-preference) {
      .open { transition: transform .15s; }
      .open:hover { transform: scale(1.06); }
      .panel { animation: rise .18s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(12px); } }
    }`;
  const ICONS = {
    open: ["M4 5h12v14H6a2 2 0 0 1-2-2z", "M16 9h4v8a2 2 0 0 1-4 0", "M7.5 9h5", "M7.5 12.5h5", "M7.5 16h3"],
    close: ["M5 5l14 14", "M19 5L5 19"],
  };
  const sheet = () => {
    const made = new CSSStyleSheet();
    made.replaceSync(CSS);
    return made;
  };
  const small = matchMedia("(max-width: 600px), (max-height: 480px)");

  function make(name, attributes = {}, ...inside) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  }
  function icon(name) {
    const ns = "http://www.w3.org/2000/svg";
    const drawn = document.createElementNS(ns, "svg");
    drawn.setAttribute("viewBox", "0 0 24 24");
    drawn.setAttribute("aria-hidden", "true");
    for (const line of ICONS[name]) drawn.append(document.createElementNS(ns, "path")), drawn.lastChild.setAttribute("d", line);
    return drawn;
  }
  // Black or white, whichever is read better on a colour: always over 4.5.
  function inkOn(colour) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
    const light = [r, g, b].map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.179 ? "#000000" : "#ffffff";
  }

  // What was asked for, checked: anything else is refused in one line.
  function read(options) {
    const refuse = (why) => {
      throw new TypeError(`WenBao: ${why}`);
    };
    const { mode = "floating", target = null, language, colour, title, height = "640", tokenUrl, getToken } = options;
    if (!MODES.includes(mode)) refuse(`mode ${JSON.stringify(mode)} is neither floating nor inline.`);
    const place = mode === "inline" ? (target instanceof Element ? target : typeof target === "string" && document.querySelector(target)) : document.body;
    if (!place) refuse(mode === "inline" ? `target ${JSON.stringify(target)} is not on this page.` : "the page has no body yet.");
    if (language !== undefined && !Object.hasOwn(WORDS, language)) refuse(`language ${JSON.stringify(language)} is neither zh nor en.`);
    if (colour !== undefined && !/^#[0-9a-f]{6}$/i.test(colour)) refuse(`colour ${JSON.stringify(colour)} is not like #0b5a8a.`);
    const fits = height === "auto" ? 640 : Number(height);
    if (!(fits >= LEAST && fits <= MOST)) refuse(`height ${JSON.stringify(height)} is neither auto nor ${LEAST} to ${MOST}.`);
    if (getToken !== undefined && typeof getToken !== "function") refuse("getToken is no function.");
    let give = getToken;
    if (tokenUrl !== undefined) {
      const url = new URL(tokenUrl, document.baseURI);
      if (url.origin !== location.origin) refuse(`token-url ${url.origin} is not this page's own origin.`);
      give ??= () => fetchToken(url);
    }
    const words = WORDS[language ?? (/^zh\b/i.test(document.documentElement.lang || navigator.language) ? "zh" : "en")];
    return { mode, place, language, colour, title: title ?? words.title, fits, auto: height === "auto", give, words };
  }
  async function fetchToken(url) {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "error" });
    return answer.ok ? (await answer.json()).token : null;
  }

  const widgets = new Map(); // by mode and place: the same asked for twice is one
  const listening = () => new Map(EVENTS.map((event) => [event, new Set()]));
  const everywhere = listening(); // who listens to all of them
  function listen(heard, event, fn) {
    if (!heard.has(event)) throw new TypeError(`WenBao: no event ${JSON.stringify(event)}; there are ${EVENTS.join(", ")}.`);
    heard.get(event).add(fn);
    return () => heard.get(event).delete(fn);
  }

  function start(options = {}) {
    const wish = read(options);
    for (const [known, widget] of widgets) if (known.mode === wish.mode && known.place === wish.place) return widget;
    const widget = build(wish, () => widgets.delete(wish));
    widgets.set(wish, widget);
    return widget;
  }

  function build(wish, gone) {
    const floating = wish.mode === "floating";
    const host = make("div", { "data-wenbao": wish.mode });
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet()];
    const colour = wish.colour ?? "#a3281b";
    for (const [name, value] of [["colour", colour], ["on", inkOn(colour)], ["height", `${wish.fits}px`]]) host.style.setProperty(`--${name}`, value);
    const heard = listening();
    const asked = []; // before the page is there
    let ready = false;
    let isOpen = !floating;
    let giving = false;

    const look = new URLSearchParams();
    if (wish.language) look.set("l", wish.language);
    if (wish.colour) look.set("k", wish.colour.slice(1));
    if (floating) look.set("b", "1"); // the name stands in our head
    const frame = make("iframe", { title: wish.title, allow: "clipboard-write", referrerpolicy: "no-referrer" });
    const load = () => frame.src || (frame.src = new URL(`embed#${look}`, home));

    const say = (message) => frame.contentWindow?.postMessage(message, home.origin);
    function tell(event, detail) {
      for (const fn of [...heard.get(event), ...everywhere.get(event)]) {
        try {
          fn(detail);
        } catch (error) {
          console.error(error);
        }
      }
    }
    async function giveToken() {
      if (giving) return;
      giving = true;
      let token = null;
      try {
        token = await wish.give?.();
      } catch (error) {
        console.warn("WenBao: no token was to be had.", error?.message ?? "");
      }
      giving = false;
      say(typeof token === "string" && token ? { type: "wenbao:token", token } : { type: "wenbao:no-token" });
    }
    const MAY_SAY = {
      "wenbao:ready": (said) => {
        ready = false;
        if (said.token) giveToken();
      },
      "wenbao:token-please": giveToken,
      "wenbao:shown": () => {
        ready = true;
        asked.splice(0).forEach(say);
        if (floating && isOpen && root.activeElement) frame.focus();
        tell("ready");
      },
      "wenbao:height": ({ height }) => {
        if (!Number.isFinite(height)) return;
        if (wish.auto) host.style.setProperty("--height", `${Math.min(MOST, Math.max(LEAST, height))}px`);
        tell("height", height);
      },
      "wenbao:answer": ({ question, refused, citations }) => tell("answer", { question, refused, citations }),
      "wenbao:citation": ({ n, paper, date, page, title, article_id }) => tell("citation", { n, paper, date, page, title, article_id }),
      "wenbao:close": () => floating && widget.close(),
    };
    function hear(event) {
      if (event.source !== frame.contentWindow || event.origin !== home.origin) return;
      const said = event.data;
      if (said && typeof said === "object" && Object.hasOwn(MAY_SAY, said.type)) MAY_SAY[said.type](said);
    }
    addEventListener("message", hear);

    let button, panel;
    if (floating) {
      button = make("button", { type: "button", class: "open", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel" }, icon("open"));
      const shut = make("button", { type: "button", "aria-label": wish.words.close }, icon("close"));
      const name = make("h2", { id: "name" }, wish.title);
      panel = make("section", { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "name", tabindex: "-1" }, make("header", {}, name, shut), frame);
      panel.hidden = true;
      button.setAttribute("aria-label", `${wish.words.open} ${wish.title}`);
      button.addEventListener("click", () => (isOpen ? widget.close() : widget.open()));
      shut.addEventListener("click", () => widget.close());
      root.addEventListener("keydown", (event) => event.key === "Escape" && isOpen && (event.stopPropagation(), widget.close()));
      root.append(button, panel);
    } else {
      root.append(make("div", { class: "inline" }, frame));
    }
    // Full-size, it covers the page: the focus stays in it.
    function keepFocus(event) {
      if (isOpen && small.matches && event.target !== host) panel.focus();
    }
    if (floating) document.addEventListener("focusin", keepFocus);

    const widget = {
      open() {
        load();
        if (!floating || isOpen) return;
        isOpen = true;
        panel.hidden = false;
        panel.setAttribute("aria-modal", String(small.matches));
        button.setAttribute("aria-expanded", "true");
        if (ready) frame.focus();
        else panel.focus();
        tell("open");
      },
      close() {
        if (!floating || !isOpen) return;
        isOpen = false;
        panel.hidden = true;
        button.setAttribute("aria-expanded", "false");
        button.focus();
        tell("close");
      },
      ask(text, { send = false } = {}) {
        const question = String(text).trim().slice(0, 2000);
        if (!question) return;
        const message = { type: "wenbao:ask", text: question, send: send === true };
        if (ready) say(message);
        else asked.push(message);
        widget.open();
      },
      signOut() {
        ready = false;
        asked.length = 0;
        say({ type: "wenbao:sign-out" });
      },
      on: (event, fn) => listen(heard, event, fn),
      destroy() {
        removeEventListener("message", hear);
        document.removeEventListener("focusin", keepFocus);
        host.remove();
        gone();
      },
    };
    wish.place.append(host);
    if (!floating) load();
    return Object.freeze(widget);
  }

  // WenBao itself speaks to the first widget, and listens to all. init() gives each for itself.
  function first() {
    if (!widgets.size) throw new TypeError("WenBao: there is no widget yet; init() makes one.");
    return widgets.values().next().value;
  }
  const all = (verb) => [...widgets.values()].forEach((widget) => widget[verb]());
  const api = Object.freeze({
    home: home.href,
    init: start,
    open: () => first().open(),
    close: () => first().close(),
    ask: (text, options) => first().ask(text, options),
    on: (event, fn) => listen(everywhere, event, fn),
    signOut: () => all("signOut"),
    destroy: () => all("destroy"),
  });
  const there = window.WenBao;
  if (there && there.home !== home.href) return console.error("WenBao: another one is on this page already.");
  if (!there) Object.defineProperty(window, "WenBao", { value: api, enumerable: true });

  const { mode, target, language, colour, title, height, tokenUrl } = script.dataset;
  if (!Object.keys(script.dataset).length) return; // the page calls init() itself
  const begin = () => {
    try {
      window.WenBao.init({ mode, target, language, colour, title, height, tokenUrl });
    } catch (error) {
      console.error(error.message);
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
  else begin();
})();

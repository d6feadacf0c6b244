// What the tests ask the portal for: everything that the widget told it.
window.heard = [];
for (const event of ["open", "close", "ready", "height", "answer", "citation"]) WenBao.on(event, (detail) => heard.push([event, detail]));
const about = document.querySelector("#ask-about");
about.hidden = false;
about.addEventListener("click", () => WenBao.ask("城东图书馆晚上开到几点？", { send: true }));

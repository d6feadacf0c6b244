const bot = "$bot$";
const frame = document.querySelector("#wenbao");
const say = (message) => frame.contentWindow.postMessage(message, bot);
addEventListener("message", async ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== bot) return;
  if (data.type === "wenbao:token-please" || (data.type === "wenbao:ready" && data.token)) {
    const answer = await fetch("/token", { credentials: "same-origin" });
    say(answer.ok ? { type: "wenbao:token", token: (await answer.json()).token } : { type: "wenbao:no-token" });
  }
  if (data.type === "wenbao:height") frame.style.height = `${Math.min(data.height, 1200)}px`;
});
frame.src = `${bot}/embed#l=zh`;

// The chat: asks the voice service, and shows what it says. Whatever comes back is shown as text, never as markup.
(function () {
  var box = document.getElementById("chat");
  if (!box || !window.fetch || !window.AbortController) return;
  var words = box.dataset, log = document.getElementById("chat-log"), group = document.getElementById("chat-choices");
  var form = document.getElementById("chat-form"), text = document.getElementById("chat-text"), memory = "", waiting = null;

  function line(who, said) {
    var p = document.createElement("p"), name = document.createElement("span");
    name.className = "unseen";
    name.textContent = words[who] + " ";
    p.className = who;
    p.append(name, said);
    log.append(p);
    log.scrollTop = log.scrollHeight;
    return p;
  }
  function offer(choices) {
    var had = group.contains(document.activeElement);
    group.textContent = "";
    choices.forEach(function (choice) {
      var button = document.createElement("button");
      button.type = "button";
      button.value = choice.payload;
      button.textContent = choice.title;
      button.again = choice.again;
      group.append(button);
    });
    if (had) (group.firstElementChild || text).focus();
  }
  function ask(question) {
    var stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, 10000);
    waiting = line("us", words.thinking);
    waiting.classList.add("wait");
    log.setAttribute("aria-busy", "true");
    function told(said, choices) {
      clearTimeout(late);
      waiting.remove();
      waiting = null;
      log.removeAttribute("aria-busy");
      line("us", said);
      offer(choices);
    }
    fetch("/voice/v1/chat", {
      method: "POST", headers: { "Content-Type": "application/json" }, signal: stop.signal,
      body: JSON.stringify(Object.assign({ locale: words.locale, memory: memory }, question)),
    }).then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); }).then(function (answer) {
      memory = answer.memory;
      told(answer.answer, answer.choices);
    }).catch(function (why) {
      var said = navigator.onLine === false ? words.offline : why === 503 || why === 429 ? words.busy : words.failed;
      told(said, [{ title: words.again, payload: "", again: question }]);
    });
  }
  group.addEventListener("click", function (event) {
    var button = event.target;
    if (waiting || button.tagName !== "BUTTON") return;
    if (!button.again) line("you", button.textContent);
    ask(button.again || { choice: button.value, text: button.textContent });
  });
  form.addEventListener("submit", function (event) {
    var asked = text.value.trim();
    event.preventDefault();
    if (waiting || !asked) return;
    text.value = "";
    line("you", asked);
    ask({ text: asked });
  });
  document.getElementById("chat-plain").hidden = true;
  document.getElementById("chat-on").hidden = false;
  line("us", words.welcome);
})();

// How old this page is, while it stays open: an old page must say so by itself.
(function () {
  var time = document.getElementById("as-of"), age = document.getElementById("age"), stale = document.getElementById("stale");
  if (!time || !age || !stale) return;
  var words = time.dataset, told = Date.parse(time.dateTime);
  function tell() {
    var seconds = Math.max(0, (Date.now() - told) / 1000), minutes = Math.floor(seconds / 60);
    var span = minutes < 120 ? minutes + "\u00a0min" : Math.floor(minutes / 60) + "\u00a0h";
    var old = seconds > Number(words.staleAfterS), text = old ? words.stale.replace("{age}", span) : "";
    age.textContent = old ? "" : minutes < 1 ? words.now : words.age.replace("{age}", span);
    if (stale.textContent !== text) stale.textContent = text;
    stale.hidden = !old;
  }
  tell();
  setInterval(tell, 15000);
})();

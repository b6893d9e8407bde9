document.getElementById("key").addEventListener("input", (given) => {
  window.hypercareFeedback.key = given.target.value.trim();
});
document.getElementById("trial").addEventListener("submit", (given) => given.preventDefault());

// Keeps the key for this tab, until it is closed or the key is refused; without scripts it is typed in each time.
const key = document.getElementById("key");
const NAME = "hypercare.hotline.key";
try {
  if (key.autofocus) sessionStorage.removeItem(NAME); // the page asks for another one
  else key.value = sessionStorage.getItem(NAME) || "";
  key.form.addEventListener("submit", () => sessionStorage.setItem(NAME, key.value));
} catch { /* storage is switched off */ }

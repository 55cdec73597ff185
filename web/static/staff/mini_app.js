// Within the app: hand on what it says of who opened this page. It stands behind the # of the address, which no
// server and no log has seen, and goes out of the address before anything else happens.

const said = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");

if (said) {
  history.replaceState(null, "", location.pathname);
  const launching = document.getElementById("launching");
  const form = document.getElementById("launch");
  form.elements.launch.value = said;
  document.getElementById("no-launch").hidden = true;
  launching.hidden = false;
  // A page elsewhere that sent somebody here may have brought the words along: then a person decides.
  if (!("askFirst" in launching.dataset)) form.submit();
}

// What a page gains with JavaScript. Every page works without it, save that live counts then need a reload.

const { initAll } = await import(document.querySelector("script[data-govuk]").dataset.govuk);
initAll();

// The person's theme and language, before the first paint; src/app/theme.ts and src/text/i18n.ts keep them.
(() => {
  let theme = null;
  let language = null;
  try {
    theme = localStorage.getItem('plantroom.theme');
    language = localStorage.getItem('plantroom.language');
  } catch {
    // Storage may be forbidden; the system's choice is used then.
  }
  const dark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  const chinese = language ? language === 'zh' : /^zh/i.test(navigator.language);
  document.documentElement.lang = chinese ? 'zh-CN' : 'en';
})();

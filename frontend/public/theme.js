// Runs before the first paint, so that no light page flashes in a dark room. src/stores/theme.ts keeps it up to date.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('batchgen.theme')
  } catch (refused) {
    choice = null // storage is closed: follow the system
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
})()

// Shows messages that the server pushes, and opens the app where they point. It keeps nothing and fetches nothing.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('push', (event) => {
  let message = { title: 'Plantroom', body: '', link: '/notifications', tag: 'plantroom' };
  try {
    message = { ...message, ...event.data.json() };
  } catch {
    // an empty push still has to show something, browsers insist
  }
  event.waitUntil(
    self.registration.showNotification(message.title, {
      body: message.body,
      tag: message.tag,
      renotify: !message.quiet,
      silent: Boolean(message.quiet),
      requireInteraction: message.severity === 'critical' && !message.quiet,
      icon: '/icon.svg',
      actions: message.answer ? [{ action: 'answer', title: message.answer_word }] : [],
      data: { link: message.link, answer: message.answer },
    }),
  );
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { link, answer } = event.notification.data ?? {};
  // the page behind it still asks for a press of its button
  const path = event.action === 'answer' ? answer : link;
  const address = new URL(
    typeof path === 'string' && path.startsWith('/') ? path : '/',
    self.location.origin,
  );
  if (address.origin === self.location.origin) event.waitUntil(self.clients.openWindow(address.href));
});

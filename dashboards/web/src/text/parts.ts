/**
 * The texts of the screens in parts, one folder each. A page names the parts it says (`app/router`), and they
 * are loaded with it, in the language on screen only. `shell` is said by what surrounds every page.
 */
export const PARTS = {
  admin: { en: () => import('./admin/en'), zh: () => import('./admin/zh') },
  alarms: { en: () => import('./alarms/en'), zh: () => import('./alarms/zh') },
  assets: { en: () => import('./assets/en'), zh: () => import('./assets/zh') },
  devices: { en: () => import('./devices/en'), zh: () => import('./devices/zh') },
  health: { en: () => import('./health/en'), zh: () => import('./health/zh') },
  incidents: { en: () => import('./incidents/en'), zh: () => import('./incidents/zh') },
  notifications: { en: () => import('./notifications/en'), zh: () => import('./notifications/zh') },
  onboarding: { en: () => import('./onboarding/en'), zh: () => import('./onboarding/zh') },
  overview: { en: () => import('./overview/en'), zh: () => import('./overview/zh') },
  patrol: { en: () => import('./patrol/en'), zh: () => import('./patrol/zh') },
  people: { en: () => import('./people/en'), zh: () => import('./people/zh') },
  planning: { en: () => import('./planning/en'), zh: () => import('./planning/zh') },
  reports: { en: () => import('./reports/en'), zh: () => import('./reports/zh') },
  rules: { en: () => import('./rules/en'), zh: () => import('./rules/zh') },
  sending: { en: () => import('./sending/en'), zh: () => import('./sending/zh') },
  shell: { en: () => import('./shell/en'), zh: () => import('./shell/zh') },
  tickets: { en: () => import('./tickets/en'), zh: () => import('./tickets/zh') },
  windows: { en: () => import('./windows/en'), zh: () => import('./windows/zh') },
};

export type Part = keyof typeof PARTS;

type Said<P extends Part> = Awaited<ReturnType<(typeof PARTS)[P]['en']>>['default'];

type All<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer A) => void ? A : never;

/** All texts: a key that stands in no part is a mistake that the compiler finds. */
export type Text = All<{ [P in Part]: Said<P> }[Part]>;

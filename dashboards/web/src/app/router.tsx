import type { ComponentType } from 'react';
import { createBrowserRouter } from 'react-router';
import { haveTexts } from '@/text/i18n';
import type { Part } from '@/text/parts';
import { Waiting } from '@/ui/Loaded';
import { NotFound } from './NotFound';
import { PageFailure } from './PageFailure';
import { Shell } from './Shell';

/** A page that comes with the texts it says. */
function page(texts: Part[], load: () => Promise<ComponentType>) {
  return async () => {
    const [Component] = await Promise.all([load(), haveTexts(texts)]);
    return { Component };
  };
}

export const router = createBrowserRouter([
  {
    path: '/login',
    ErrorBoundary: PageFailure,
    HydrateFallback: Waiting,
    lazy: page([], async () => (await import('@/features/session/LoginPage')).LoginPage),
  },
  {
    path: '/',
    Component: Shell,
    HydrateFallback: Waiting,
    children: [
      {
        ErrorBoundary: PageFailure,
        children: [
          {
            index: true,
            lazy: page(
              ['alarms', 'overview', 'tickets'],
              async () => (await import('@/features/overview/OverviewPage')).OverviewPage,
            ),
          },
          {
            path: 'assets',
            lazy: page(['assets'], async () => (await import('@/features/assets/AssetsPage')).AssetsPage),
          },
          {
            path: 'assets/:id',
            lazy: page(
              ['alarms', 'assets', 'devices', 'tickets', 'windows'],
              async () => (await import('@/features/assets/AssetPage')).AssetPage,
            ),
          },
          {
            path: 'alarms',
            lazy: page(
              ['alarms', 'sending', 'tickets'],
              async () => (await import('@/features/alarms/AlarmsPage')).AlarmsPage,
            ),
          },
          {
            path: 'tickets',
            lazy: page(['tickets'], async () => (await import('@/features/tickets/TicketsPage')).TicketsPage),
          },
          {
            path: 'tickets/:id',
            lazy: page(
              ['alarms', 'tickets'],
              async () => (await import('@/features/tickets/TicketPage')).TicketPage,
            ),
          },
          {
            path: 'admin/:tab?',
            lazy: page(['admin'], async () => (await import('@/features/admin/AdminPage')).AdminPage),
          },
          {
            path: 'more',
            lazy: page([], async () => (await import('@/features/session/MorePage')).MorePage),
          },
          {
            path: 'inbox',
            lazy: page(
              ['assets', 'onboarding'],
              async () => (await import('@/features/inbox/InboxPage')).InboxPage,
            ),
          },
          {
            path: 'devices',
            lazy: page(
              ['devices', 'onboarding'],
              async () => (await import('@/features/devices/DevicesPage')).DevicesPage,
            ),
          },
          {
            path: 'devices/:id',
            lazy: page(
              ['devices', 'onboarding'],
              async () => (await import('@/features/devices/DevicePage')).DevicePage,
            ),
          },
          {
            path: 'incidents',
            lazy: page(
              ['alarms', 'assets', 'incidents'],
              async () => (await import('@/features/incidents/IncidentsPage')).IncidentsPage,
            ),
          },
          {
            path: 'incidents/:id',
            lazy: page(
              ['alarms', 'assets', 'incidents', 'tickets'],
              async () => (await import('@/features/incidents/IncidentPage')).IncidentPage,
            ),
          },
          {
            path: 'windows',
            lazy: page(
              ['alarms', 'windows'],
              async () => (await import('@/features/windows/WindowsPage')).WindowsPage,
            ),
          },
          {
            path: 'alarm-health',
            lazy: page(
              ['alarms', 'health'],
              async () => (await import('@/features/health/HealthPage')).HealthPage,
            ),
          },
          {
            path: 'people/:tab?',
            lazy: page(['people'], async () => (await import('@/features/people/PeoplePage')).PeoplePage),
          },
          {
            path: 'notifications/:tab?',
            lazy: page(
              ['notifications'],
              async () => (await import('@/features/notifications/NotificationsPage')).NotificationsPage,
            ),
          },
          {
            path: 'rules',
            lazy: page(
              ['alarms', 'assets', 'rules'],
              async () => (await import('@/features/rules/RulesPage')).RulesPage,
            ),
          },
          {
            path: 'rules/:id',
            lazy: page(
              ['alarms', 'assets', 'rules'],
              async () => (await import('@/features/rules/RulePage')).RulePage,
            ),
          },
          {
            path: 'patrol',
            lazy: page(
              ['patrol', 'sending'],
              async () => (await import('@/features/patrol/ControlRoomPage')).ControlRoomPage,
            ),
          },
          {
            path: 'patrol/plan/:tab?',
            lazy: page(
              ['patrol', 'planning'],
              async () => (await import('@/features/patrol/PlanningPage')).PlanningPage,
            ),
          },
          {
            path: 'forms',
            lazy: page(
              ['patrol', 'planning'],
              async () => (await import('@/features/forms/FormsPage')).FormsPage,
            ),
          },
          {
            path: 'forms/:id',
            lazy: page(
              ['patrol', 'planning'],
              async () => (await import('@/features/forms/FormPage')).FormPage,
            ),
          },
          {
            path: 'patrol/rounds/:id',
            lazy: page(['patrol'], async () => (await import('@/features/patrol/RoundPage')).RoundPage),
          },
          {
            path: 'patrol/fire-watches/:id',
            lazy: page(
              ['patrol'],
              async () => (await import('@/features/patrol/FireWatchPage')).FireWatchPage,
            ),
          },
          {
            path: 'reports',
            lazy: page(['reports'], async () => (await import('@/features/reports/ReportsPage')).ReportsPage),
          },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
]);

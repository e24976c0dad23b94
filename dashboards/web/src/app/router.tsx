import { createBrowserRouter } from 'react-router';
import { Waiting } from '@/ui/Loaded';
import { NotFound } from './NotFound';
import { PageFailure } from './PageFailure';
import { Shell } from './Shell';

export const router = createBrowserRouter([
  {
    path: '/login',
    ErrorBoundary: PageFailure,
    HydrateFallback: Waiting,
    lazy: async () => ({ Component: (await import('@/features/session/LoginPage')).LoginPage }),
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
            lazy: async () => ({
              Component: (await import('@/features/overview/OverviewPage')).OverviewPage,
            }),
          },
          {
            path: 'assets',
            lazy: async () => ({ Component: (await import('@/features/assets/AssetsPage')).AssetsPage }),
          },
          {
            path: 'assets/:id',
            lazy: async () => ({ Component: (await import('@/features/assets/AssetPage')).AssetPage }),
          },
          {
            path: 'alarms',
            lazy: async () => ({ Component: (await import('@/features/alarms/AlarmsPage')).AlarmsPage }),
          },
          {
            path: 'tickets',
            lazy: async () => ({ Component: (await import('@/features/tickets/TicketsPage')).TicketsPage }),
          },
          {
            path: 'tickets/:id',
            lazy: async () => ({ Component: (await import('@/features/tickets/TicketPage')).TicketPage }),
          },
          {
            path: 'admin/:tab?',
            lazy: async () => ({ Component: (await import('@/features/admin/AdminPage')).AdminPage }),
          },
          {
            path: 'more',
            lazy: async () => ({ Component: (await import('@/features/session/MorePage')).MorePage }),
          },
          {
            path: 'inbox',
            lazy: async () => ({ Component: (await import('@/features/inbox/InboxPage')).InboxPage }),
          },
          {
            path: 'devices',
            lazy: async () => ({ Component: (await import('@/features/devices/DevicesPage')).DevicesPage }),
          },
          {
            path: 'devices/:id',
            lazy: async () => ({ Component: (await import('@/features/devices/DevicePage')).DevicePage }),
          },
          {
            path: 'incidents',
            lazy: async () => ({
              Component: (await import('@/features/incidents/IncidentsPage')).IncidentsPage,
            }),
          },
          {
            path: 'incidents/:id',
            lazy: async () => ({
              Component: (await import('@/features/incidents/IncidentPage')).IncidentPage,
            }),
          },
          {
            path: 'windows',
            lazy: async () => ({ Component: (await import('@/features/windows/WindowsPage')).WindowsPage }),
          },
          {
            path: 'alarm-health',
            lazy: async () => ({ Component: (await import('@/features/health/HealthPage')).HealthPage }),
          },
          {
            path: 'people/:tab?',
            lazy: async () => ({ Component: (await import('@/features/people/PeoplePage')).PeoplePage }),
          },
          {
            path: 'notifications/:tab?',
            lazy: async () => ({
              Component: (await import('@/features/notifications/NotificationsPage')).NotificationsPage,
            }),
          },
          {
            path: 'rules',
            lazy: async () => ({ Component: (await import('@/features/rules/RulesPage')).RulesPage }),
          },
          {
            path: 'rules/:id',
            lazy: async () => ({ Component: (await import('@/features/rules/RulePage')).RulePage }),
          },
          {
            path: 'patrol',
            lazy: async () => ({
              Component: (await import('@/features/patrol/ControlRoomPage')).ControlRoomPage,
            }),
          },
          {
            path: 'patrol/plan/:tab?',
            lazy: async () => ({ Component: (await import('@/features/patrol/PlanningPage')).PlanningPage }),
          },
          {
            path: 'forms',
            lazy: async () => ({ Component: (await import('@/features/forms/FormsPage')).FormsPage }),
          },
          {
            path: 'forms/:id',
            lazy: async () => ({ Component: (await import('@/features/forms/FormPage')).FormPage }),
          },
          {
            path: 'patrol/rounds/:id',
            lazy: async () => ({ Component: (await import('@/features/patrol/RoundPage')).RoundPage }),
          },
          {
            path: 'patrol/fire-watches/:id',
            lazy: async () => ({
              Component: (await import('@/features/patrol/FireWatchPage')).FireWatchPage,
            }),
          },
          {
            path: 'reports',
            lazy: async () => ({ Component: (await import('@/features/reports/ReportsPage')).ReportsPage }),
          },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
]);

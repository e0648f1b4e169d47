/** The sections of the settings, in the order of their list. */
export const SECTIONS = [
  { key: 'profiles', name: 'Profiles' },
  { key: 'board', name: 'This board' },
  { key: 'notifications', name: 'Notifications' },
  { key: 'app', name: 'This app' },
  { key: 'data', name: 'Data and backups' },
  { key: 'appearance', name: 'Appearance' },
  { key: 'keys', name: 'Keyboard shortcuts' },
  { key: 'about', name: 'About' },
] as const

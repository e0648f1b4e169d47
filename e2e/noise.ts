/** Stderr lines of Chromium and system libraries about buses, GPUs and fonts that a test machine does not have. */
export const NOISE =
  /^\[\d+:\d{4}\/\d{6}\.\d+:|^$|libva|libnotify|dconf|Gtk-|Fontconfig|^Debugger |^Waiting for the debugger |^DevTools listening|^For help, see: /

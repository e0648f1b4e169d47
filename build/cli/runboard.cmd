@echo off
rem The `runboard` command of the installed app: the app's own program, run as Node.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\Runboard.exe" "%~dp0..\app.asar\out\main\cli.cjs" %*

@echo off
rem Runs the bundle on Windows. It was written after the script refund and NOT run on Windows: tell us how it went.
rem   JAVA_HOME   the Java to use instead of the one on the PATH: a JDK 17 or newer
rem   JAVA_OPTS   more options for it
setlocal
set "HOME_FOLDER=%~dp0"
set "HOME_FOLDER=%HOME_FOLDER:~0,-1%"
set "HOME_FOLDER=%HOME_FOLDER:\=/%"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
"%JAVA%" -Xmx256m -XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC -Xmn24m ^
  "-Drefund.home=%HOME_FOLDER%" %JAVA_OPTS% -jar "%HOME_FOLDER%/app/quarkus-run.jar" %*

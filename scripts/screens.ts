// `npm run screens -- [NAME]…`: takes pictures of the running app, light and dark: the demo board after real processes
// have worked on it, a few more tasks, and a review in a repository. Pictures that the documentation uses go to
// docs/screens/, all others to screens/, which Git ignores. Needs a build, and a browser as the end-to-end tests do.
import { chromium } from '@playwright/test'
import { findBrowser } from '../e2e/find-browser.ts'
import { Home } from '../e2e/home.ts'
import { workUntilReview } from '../e2e/project.ts'
import { Serve } from '../e2e/serve.ts'
import { addAgentTask, takeAgentLog } from './screens/agent.ts'
import { takeBoard } from './screens/board-pictures.ts'
import { Camera } from './screens/camera.ts'
import { addReview } from './screens/review.ts'
import { addTasks, atRest } from './screens/stage.ts'
import { takeFirstStart, takeStates } from './screens/state-pictures.ts'
import { takeTask } from './screens/task-pictures.ts'
import { takeDiff, takeViews } from './screens/view-pictures.ts'

// The user's name, for the actors of events.
process.env['USER'] = process.env['LOGNAME'] = 'ada'

const found = await findBrowser()
const browser = await chromium.launch({ executablePath: found.executablePath, args: found.args })
const home = await Home.make()
await home.cli('demo')
await addTasks(home)
const review = await addReview(home)
const agentTask = await addAgentTask(home)
const serve = await Serve.start(home)
try {
  const camera = new Camera(browser, serve, home)
  await atRest(home)
  await workUntilReview(home, review, '--board', 'importer')
  await takeBoard(camera)
  await takeTask(camera, home)
  await takeAgentLog(camera, agentTask)
  await takeViews(camera, home)
  await takeDiff(camera, review)
  await takeStates(camera, home)
  await takeFirstStart(browser)
} finally {
  await serve.stop()
  await home.remove()
  await browser.close()
}

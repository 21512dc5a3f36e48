// Tools of servers the offline model was never tried with, in the manners of naming and describing that real servers have.
import type { ToolDescription } from "../../src/llm/provider.js";

const text = (description?: string) => ({ type: "string", ...(description !== undefined && { description }) });
const number = (description?: string) => ({ type: "number", ...(description !== undefined && { description }) });

function tool(
  name: string,
  description: string,
  properties: Record<string, object> = {},
  required: string[] = [],
): ToolDescription {
  return { name, description, inputSchema: { type: "object", properties, required } };
}

export const madeUp: readonly ToolDescription[] = [
  tool("git.git_status", "Shows the working tree status", { repo_path: text() }, ["repo_path"]),
  tool("git.git_commit", "Records changes to the repository", { repo_path: text(), message: text() }, [
    "repo_path",
    "message",
  ]),
  tool(
    "git.git_create_branch",
    "Creates a new branch from an optional base branch",
    { repo_path: text(), branch_name: text(), base_branch: text() },
    ["repo_path", "branch_name"],
  ),
  tool(
    "weather.get_forecast",
    "Get weather forecast for a location",
    { latitude: number("Latitude of the location"), longitude: number("Longitude of the location") },
    ["latitude", "longitude"],
  ),
  tool(
    "weather.current_weather",
    "Current weather for a city",
    { city: text("City name"), units: { type: "string", enum: ["metric", "imperial"], default: "metric" } },
    ["city"],
  ),
  tool(
    "slack.slack_post_message",
    "Post a new message to a Slack channel",
    { channel_id: text("The ID of the channel to post to"), text: text("The message text to post") },
    ["channel_id", "text"],
  ),
  tool(
    "brave.brave_web_search",
    "Performs a web search using the Brave Search API, ideal for general queries, news, articles, and online content.",
    { query: text("Search query (max 400 chars, 50 words)"), count: number("Number of results (1-20, default 10)") },
    ["query"],
  ),
  tool("sqlite.list_tables", "List all tables in the SQLite database"),
  tool(
    "sqlite.describe_table",
    "Get the schema information for a specific table",
    { table_name: text("Name of the table to describe") },
    ["table_name"],
  ),
  tool("mail.sendEmail", "Send an email", { to: { type: "string", format: "email" }, subject: text(), body: text() }, [
    "to",
    "subject",
    "body",
  ]),
  tool("calendar.list_events", "List calendar events on a day", { date: { type: "string", format: "date" } }, ["date"]),
  tool("todo.add_todo", "Add an item to the todo list", { item: text() }, ["item"]),
  tool("todo.list_todos", "List the todo items", { done: { type: "boolean", description: "Only done items" } }),
  tool("todo.remove_todo", "Remove a todo item by number", { number: { type: "integer" } }, ["number"]),
  tool(
    "lights.set_brightness",
    "Set the brightness of a lamp in percent",
    { lamp: text("Name of the lamp"), level: number("Brightness from 0 to 100") },
    ["lamp", "level"],
  ),
  tool(
    "translate.translate_text",
    "Translate a text into another language",
    { text: text("The text to translate"), target_language: text("Language to translate to") },
    ["text", "target_language"],
  ),
];

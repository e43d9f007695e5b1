// SPDX-License-Identifier: BSD-3-Clause
#include "antler/problem/problem_report.hpp"

#include <ostream>
#include <sstream>

namespace antler {

std::string ProblemReport::text() const {
  std::ostringstream out;
  out << *this;
  return out.str();
}

std::ostream& operator<<(std::ostream& out, const ProblemReport& report) {
  if (report.ok()) out << "The problem is as a solver needs it.\n";
  for (const std::string& finding : report.findings) out << "wrong: " << finding << '\n';
  for (const std::string& note : report.notes) out << "note:  " << note << '\n';
  return out;
}

namespace findings {

namespace {

template <class... Parts>
std::string sentence(const Parts&... parts) {
  std::ostringstream text;
  text.precision(10);
  (text << ... << parts);
  return text.str();
}

std::string place(const Trial& at) { return sentence("(", at.t, ", ", at.state, ")"); }

const char* maker(DerivativeBy by) { return by == DerivativeBy::hand ? "the hand-written jacobian" : "the dual numbers"; }

}  // namespace

std::string value_not_finite(const Trial& at, int component, double value) {
  return sentence("component ", component, " of f", place(at), " is ", value,
                  ": a solver cannot begin there; check the initial value, the parameters, divisions by zero, and roots and "
                  "logarithms of what is not positive.");
}

std::string jacobian_not_finite(const Trial& at, int row, int column, double value, DerivativeBy by) {
  return sentence(
      "f", place(at), " is finite and its derivative df_", row, "/dy_", column, " by ", maker(by), " is ", value,
      ": f has an infinite slope there, as sqrt(y) and pow(y, 0.5) at 0; begin a little beside it, or write f in a form "
      "with a slope (sqrt(y + 1e-20)).");
}

std::string time_derivative_not_finite(const Trial& at, int component, double value) {
  return sentence("f", place(at), " is finite and its derivative df_", component, "/dt is ", value,
                  ": begin a little later, or write f in a form with a slope in t.");
}

std::string not_repeatable(const Trial& at, int component, double first, double second) {
  return sentence("component ", component, " of f", place(at), " is ", first, " at one call and ", second,
                  " at another: f must depend on t and y alone, since it is called in any order and from several threads; remove "
                  "counters, caches, random numbers and variables that were never set.");
}

std::string dual_value_differs(const Trial& at, int component, double scalar, double dual) {
  return sentence("component ", component, " of f", place(at), " is ", scalar, " for scalars and ", dual,
                  " for dual numbers: f must compute the same for every element type; look for overloads and if constexpr on the "
                  "type.");
}

std::string jacobian_differs(const Trial& at, int row, int column, double given, double difference, DerivativeBy by) {
  return sentence("df_", row, "/dy_", column, " at ", place(at), " is ", given, " by ", maker(by), " and ", difference,
                  " by differences of f: ",
                  by == DerivativeBy::hand
                      ? "correct that entry of jacobian (rows are components of f, columns of y), or remove it: dual numbers then "
                        "take its place."
                      : "f loses derivatives on the way, by a conversion to double or a table, or it jumps there; compute with the "
                        "element type of y throughout, and call exp, pow, ... without std::.");
}

std::string time_derivative_differs(const Trial& at, int component, double given, double difference) {
  return sentence(
      "df_", component, "/dt at ", place(at), " is ", given, " by the dual numbers and ", difference,
      " by differences of f: f loses the derivative with respect to t by a conversion to double, or it jumps there; use t "
      "as the element type that it comes in, and give jumps in Options::jump_times.");
}

std::string lanes_differ(const Trial& at, int component, double scalar, double lane) {
  return sentence(
      "component ", component, " of f", place(at), " is ", scalar, " for a scalar and ", lane,
      " in a SIMD lane: f decides for all lanes together, by any() or all() or by what it reads from one of them; write "
      "select(condition, a, b), or declare static constexpr bool lanes = false in f.");
}

std::string undefined_later(const Trial& at, int component, double value) {
  return sentence("component ", component, " of f", place(at), " is ", value,
                  ": harmless where the solution has left that state by then; else f must be defined on the whole interval.");
}

}  // namespace findings

}  // namespace antler

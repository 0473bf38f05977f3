-- A small shop: products, visits, sales, clicks during a visit, and where a visit came from.
-- Every value is made by a hash of the visit's number, so that the shop is the same each time.

DROP DATABASE IF EXISTS shop_example;
CREATE DATABASE shop_example CHARACTER SET utf8mb4;
USE shop_example;

CREATE TABLE product (
  product_id INT PRIMARY KEY,
  name VARCHAR(60) NOT NULL,
  is_active TINYINT(1) NOT NULL
);
INSERT INTO product VALUES (1, 'Espresso machines', 1), (2, 'Discontinued grinders', 0);

CREATE TABLE visit (
  visit_id BIGINT PRIMARY KEY,
  product_id INT NOT NULL,
  visitor_id VARCHAR(20) NOT NULL,
  visit_time DATETIME NOT NULL,
  KEY product_time (product_id, visit_time)
);

-- Numbers 0 to 9,999, and a share in [0, 1) for each number and purpose.
CREATE TABLE digit (d INT PRIMARY KEY);
INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TABLE drawn (
  n INT PRIMARY KEY,
  visitor DOUBLE, mail DOUBLE, clicks DOUBLE, basket DOUBLE, sale DOUBLE
);
INSERT INTO drawn
SELECT n,
  CONV(LEFT(MD5(CONCAT('visitor', n)), 8), 16, 10) / 4294967296,
  CONV(LEFT(MD5(CONCAT('mail', n)), 8), 16, 10) / 4294967296,
  CONV(LEFT(MD5(CONCAT('clicks', n)), 8), 16, 10) / 4294967296,
  CONV(LEFT(MD5(CONCAT('basket', n)), 8), 16, 10) / 4294967296,
  CONV(LEFT(MD5(CONCAT('sale', n)), 8), 16, 10) / 4294967296
FROM (
  SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n
  FROM digit a, digit b, digit c, digit e
) AS numbers;

-- 10,000 visits in 50 days; the last is 2024-03-30.
INSERT INTO visit
SELECT n + 1, 1, CONCAT('v', FLOOR(visitor * 6000)),
  TIMESTAMP('2024-02-10') + INTERVAL (n * 432) SECOND
FROM drawn;

-- Where a visit came from is known before it begins.
CREATE TABLE origin (
  visit_id BIGINT PRIMARY KEY,
  channel VARCHAR(20) NOT NULL,
  campaign_id INT NULL
);
INSERT INTO origin
SELECT n + 1, IF(mail < 0.4, 'mail', IF(mail < 0.7, 'search', 'direct')), IF(mail < 0.4, FLOOR(mail * 20), NULL)
FROM drawn;

-- Clicks are events: up to four a visit, a minute and a half apart. The model is to know those of the first 300 seconds.
CREATE TABLE click (
  click_id BIGINT AUTO_INCREMENT PRIMARY KEY,
  visit_id BIGINT NOT NULL,
  click_time DATETIME NOT NULL,
  basket_value DOUBLE NULL,
  KEY of_visit (visit_id, click_time)
);
INSERT INTO click (visit_id, click_time, basket_value)
SELECT v.visit_id, v.visit_time + INTERVAL (20 + 90 * k.d) SECOND, IF(r.basket < 0.3 AND k.d = 1, r.basket * 300, NULL)
FROM visit v JOIN drawn r ON r.n = v.visit_id - 1 JOIN digit k ON k.d < FLOOR(r.clicks * 5);

-- A sale comes ten minutes into the visit, or two days later; mail, clicks and a full basket make it likelier.
CREATE TABLE sale (
  sale_id BIGINT AUTO_INCREMENT PRIMARY KEY,
  visit_id BIGINT NOT NULL,
  sale_time DATETIME NOT NULL,
  amount DOUBLE NOT NULL,
  state ENUM('paid', 'cancelled') NOT NULL,
  KEY of_visit (visit_id)
);
INSERT INTO sale (visit_id, sale_time, amount, state)
SELECT v.visit_id,
  v.visit_time + INTERVAL IF(r.visitor < 0.7, 600, 172800) SECOND,
  20 + 200 * r.basket,
  IF(r.visitor < 0.05, 'cancelled', 'paid')
FROM visit v JOIN drawn r ON r.n = v.visit_id - 1
WHERE r.sale < 1 / (1 + EXP(3.2 - 0.9 * (r.mail < 0.4) - 0.35 * FLOOR(r.clicks * 5) - 1.6 * (r.basket < 0.3)));

DROP TABLE drawn;
